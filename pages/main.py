"""The frame of every page."""

import streamlit as st

st.set_page_config("Sessionscope", layout="wide")
st.title("Sessionscope")
st.write("Raw session events in, what to fix next out.")

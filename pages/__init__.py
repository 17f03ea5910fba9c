"""The pages: Streamlit only, a folder per section of the navigation, a file per question."""

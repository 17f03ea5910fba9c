"""When are two clicks on the same element? Their element is called the same, whatever else has changed in the markup.

What a click calls its element (`events.element`: a selector, or a name) is taken as its path, without the parts that
change from build to build or from row to row: places among siblings, class names with a hash in them, long numbers in
ids. A path that then says nothing but tags (`div > button`) tells no element apart: it goes by its role and its text,
`button “Pay now”`. The text of a field is what somebody typed, so fields never do.

A remap, which people write, comes on top: paths, as patterns, that one name stands for. The first that fits wins.
Everything is worked out once per element and kept in the table `elements`, never per click.
"""

from analytics.vocabulary import CLICK

ROLES = {"a": "link", "summary": "button", "img": "picture", "option": "choice"}
"""What a tag is to a person; any other tag is its own role."""
FIELD_TAGS = ("input", "textarea", "select")
LONGEST_TEXT = 80  # letters; a longer text is an article's, not a label
TAGS = (
    "a abbr article aside b body button canvas circle dd details div dl dt em fieldset figure footer form g h[1-6] "
    "header html i iframe img input label legend li main nav ol option p path picture pre rect section select small "
    "span strong summary svg table tbody td textarea tfoot th thead tr u ul use video"
).replace(" ", "|")

VARIES = (
    (r":(nth-(last-)?(child|of-type)|eq)\([^)]*\)", ""),  # places among siblings
    (r"\[[0-9]+\]", ""),  # likewise, in XPath
    (r"\.(css|sc|jss|jsx|emotion|svelte|chakra)-?[A-Za-z0-9]*[0-9][A-Za-z0-9]*(-[0-9A-Za-z]+)?", ""),  # made by a tool
    (r"(\.[A-Za-z][A-Za-z0-9_-]*?)_{1,3}[A-Za-z]{0,7}[0-9][A-Za-z0-9]{1,8}", r"\1"),  # CSS modules: .Button_pay__x7Gh2
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "*"),
    (r"[0-9]{4,}", "*"),
)
"""Regular expressions (RE2) of what changes in a path, with what stands in its place."""


def _without_varying(sql: str) -> str:
    for pattern, instead in VARIES:
        quoted = pattern.replace("'", "''")
        sql = f"regexp_replace({sql}, '{quoted}', '{instead}', 'g')"
    return sql


ONLY_TAGS = f"^({TAGS})([ >+~/]+({TAGS}))*$"
_ROLE = "CASE last_tag " + " ".join(f"WHEN '{tag}' THEN '{role}'" for tag, role in ROLES.items())
_FIELDS = ", ".join(f"'{tag}'" for tag in FIELD_TAGS)


def ruled(rows: str) -> str:
    """Rows of (page, element, element_tag, text, ...) with `ruled`, what the rule calls them."""
    return f"""
SELECT *,
  CASE
    WHEN NOT regexp_matches(lower(path), '{ONLY_TAGS}') OR text IS NULL OR last_tag IN ({_FIELDS})
      OR length(text) > {LONGEST_TEXT} THEN path
    ELSE {_ROLE} ELSE last_tag END || ' “' || text || '”'
  END AS ruled
FROM (
  SELECT *, regexp_extract(lower(path), '[a-z0-9]+$') AS last_tag
  FROM (SELECT *, coalesce(nullif(trim({_without_varying("element")}), ''), element) AS path FROM {rows}))"""  # noqa: S608


# Remaps as the workspace keeps them, one row a pattern, as LIKE patterns; both sides of the join are small.
REMAPS = """
SELECT name, created,
  replace(replace(replace(replace(page, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%') AS page_like,
  replace(replace(replace(replace(element, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%') AS element_like
FROM (
  SELECT name, created, body ->> '$.page' AS page, unnest(CAST(body -> '$.elements' AS VARCHAR[])) AS element
  FROM workspace.saved
  WHERE kind = 'remap')"""


def _remapped(rows: str) -> str:
    return f"""
SELECT element_key, arg_min(name, (created, name)) AS name
FROM {rows} AS r
JOIN ({REMAPS}) AS m ON (m.page_like IS NULL OR r.page LIKE m.page_like ESCAPE '!')
  AND (r.element LIKE m.element_like ESCAPE '!' OR r.ruled LIKE m.element_like ESCAPE '!')
GROUP BY element_key"""  # noqa: S608


KEY = "CAST(hash(page, element, element_tag, text) >> 1 AS BIGINT)"
FINGERPRINT = "CAST(hash(page, element, element_tag, text, 1) >> 1 AS BIGINT)"

# What a part of an import clicks on and the store does not know yet.
NEW = f"""
WITH clicked AS (
  SELECT DISTINCT page, element, element_tag, text
  FROM events
  WHERE session_key BETWEEN $low AND $high AND name = '{CLICK}' AND element IS NOT NULL),
new AS MATERIALIZED (
  SELECT * FROM (SELECT {KEY} AS element_key, {FINGERPRINT} AS fingerprint, * FROM clicked)
  ANTI JOIN elements USING (element_key, fingerprint)),
named AS MATERIALIZED ({ruled("new")})
SELECT element_key, fingerprint, page, element, element_tag, text, ruled, coalesce(c.name, ruled) AS called
FROM named LEFT JOIN ({_remapped("named")}) AS c USING (element_key)
"""  # noqa: S608
CLASHES = "SELECT count(*) - count(DISTINCT element_key) FROM elements"
# After the remaps have changed.
AGAIN = f"""
UPDATE elements SET called = new.name
FROM (
  SELECT element_key, coalesce(c.name, ruled) AS name
  FROM elements LEFT JOIN ({_remapped("elements")}) AS c USING (element_key)) AS new
WHERE new.element_key = elements.element_key AND new.name <> elements.called
"""  # noqa: S608

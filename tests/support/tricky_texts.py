"""Texts and bodies that YAML writers and readers often lose or change."""

from hypothesis import strategies as st

TRICKY = st.text(
    alphabet=st.sampled_from(list("ab :#-'\"\\|>%@`&*!?{}[],=~0123yes\n\n\n\t \r\x00\x85\u2028\ufeff\ufffe👋é\x7f"))
)
BODIES = TRICKY.map(str.encode) | st.text().map(lambda text: text.encode(errors="ignore")) | st.binary()

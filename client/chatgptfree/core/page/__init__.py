"""From the HTML of a page to what is needed for a chat, or to the block page that it is."""

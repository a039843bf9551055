"""One aiohttp server for any number of sites: their registry, the control API, the console, live answers, MockSite."""

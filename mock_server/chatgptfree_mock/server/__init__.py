"""One aiohttp server for any number of sites: site registry, control API, console, live answers, MockSite."""

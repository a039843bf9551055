"""The asyncio client: the only place that imports aiohttp."""

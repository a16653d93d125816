"""Takings from tills and marketplaces into the books: balanced, posted exactly once, traceable to the sale."""

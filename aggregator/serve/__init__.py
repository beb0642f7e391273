"""Pages, feeds and the API over HTTP. The only home of Starlette."""

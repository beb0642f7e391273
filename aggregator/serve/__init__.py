"""Pages, feeds, the API and the probes over HTTP; Starlette, Jinja2 and uvicorn stop here."""

"""HTTP, politely and safely. Edge: the only home of libcurl."""

"""Stops by the book: not ready first, 503 for new requests, those in flight finished, the port closed, exit 0."""

from agent import Server

server = Server()
server.until_signal()
server.finish()

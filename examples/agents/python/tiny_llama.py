"""Would stop by the book. compose.yaml starts it from a shell that keeps SIGTERM to itself."""

from agent import Server, log

server = Server()
server.until_signal()
log('clean-up: the model is unloaded')
server.finish()

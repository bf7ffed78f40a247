"""Closes its port, but a child has inherited the socket. It waits for the child, which nobody tells to end."""

import time
from multiprocessing import Process

from agent import Server


def index():
    while True:
        time.sleep(1)


server = Server()
Process(target=index).start()
server.until_signal()
server.finish()

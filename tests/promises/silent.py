"""A door in front of PostgreSQL that can fall silent: it takes connections and answers nothing."""

import contextlib
import selectors
import socket
import threading


class SilentDoor:
    """Forwards bytes between TCP connections and the server's socket, until told to be silent."""

    def __init__(self, server: str) -> None:
        """Listen on a free port; ``server`` is the path of PostgreSQL's socket."""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._speaks = threading.Event()
        self._speaks.set()
        self._ended = False
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def fall_silent(self) -> None:
        """Keep what there is and what comes, and answer nothing."""
        self._speaks.clear()

    def speak(self) -> None:
        """Forward again, also what has come meanwhile."""
        self._speaks.set()

    def close(self) -> None:
        """End all of it."""
        self._ended = True
        self._speaks.set()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended:
                client, _address = self._listener.accept()
                self._sockets.append(client)
                self._threads.append(threading.Thread(target=self._forward, args=(client,)))
                self._threads[-1].start()

    def _forward(self, client: socket.socket) -> None:
        self._speaks.wait()
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError):
            server.connect(self._server)
            self._sockets.append(server)
            with selectors.DefaultSelector() as waiting:
                waiting.register(client, selectors.EVENT_READ, server)
                waiting.register(server, selectors.EVENT_READ, client)
                while self._pass_on(waiting):
                    pass

    def _pass_on(self, waiting: selectors.BaseSelector) -> bool:
        for key, _events in waiting.select():
            self._speaks.wait()
            data = key.fileobj.recv(65536)
            if not data:
                return False
            key.data.sendall(data)
        return True

"""What the proxies between a client and PostgreSQL's unix socket share: they listen, hand each connection on, and end with whoever started them."""
import asyncio
import os
import signal


def run(folder, target, handle, at_end=lambda: None):
    """Listens on FOLDER/.s.PGSQL.5432 until SIGTERM, or until the parent is gone; then calls AT_END, and ends whatever is open.

    Each connection becomes HANDLE(reader, writer, far_reader, far_writer), whose far ends are a connection to TARGET.
    """

    async def serve(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(target)
        except OSError:
            writer.transport.abort()
            return
        await handle(reader, writer, far_reader, far_writer)

    async def listen():
        server = await asyncio.start_unix_server(serve, os.path.join(folder, ".s.PGSQL.5432"))
        parent = os.getppid()
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        async with server:
            while os.getppid() == parent and not ended.is_set():
                try:
                    await asyncio.wait_for(ended.wait(), 0.5)
                except asyncio.TimeoutError:
                    pass
        at_end()
        os._exit(0)

    asyncio.run(listen())

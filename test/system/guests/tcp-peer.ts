/**
 * One end of a TCP connection for the network's tests: what comes on standard input goes to the
 * socket, what comes from the socket goes to standard output. Listens for one peer on the port
 * given first, or connects to the address given second. Says "connected" on standard error.
 */
import { createServer, connect, type Socket } from "node:net";

const [port, address] = process.argv.slice(2);

if (address === undefined) {
  const server = createServer(join).listen(Number(port), "0.0.0.0", () => {
    process.stderr.write("listening\n");
  });
  server.maxConnections = 1;
} else {
  const socket = connect({ port: Number(port), host: address }, () => join(socket));
}

function join(socket: Socket): void {
  socket.setNoDelay(true);
  process.stdin.pipe(socket).pipe(process.stdout);
  process.stderr.write("connected\n");
}

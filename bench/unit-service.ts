/** Returns a program that listens after a second. At SIGTERM it answers 503 for 0.3 s of work, and then ends. */
export const program = (version: string): string => `#!/usr/bin/node
let isStopping = false;
const server = require('node:http').createServer((request, answer) => {
  answer.statusCode = isStopping ? 503 : 200;
  answer.end(JSON.stringify({ version: '${version}' }));
});
process.on('SIGTERM', () => {
  isStopping = true;
  setTimeout(() => server.close(() => process.exit()), 300);
});
setTimeout(() => server.listen(Number(process.env.PORT)), 1000);
`;

/** Returns a unit with the settings for a graceful restart that administrators use. */
export const unit = ({ port, install }: { port: string; install: string }): string => `[Unit]
Description=A service of the benchmark
After=network.target

[Service]
Type=exec
Environment=PORT=${port}
ExecStart=${install}
Restart=always
RestartSec=5
TimeoutStopSec=30
KillSignal=SIGTERM
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;

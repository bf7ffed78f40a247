import type { Machine } from '../../testbed/systemd/machine';

/** A server that runs as long as nobody stops it: `server HOST PORT`. */
const server = `#!/usr/bin/node
const [host, port] = process.argv.slice(2);
const answer = ({ url }, response) => response.writeHead(url === '/health' ? 200 : 404).end();
require('http').createServer(answer).listen(Number(port), host);
`;

const envManager = `[Unit]
Description=DSPy environment manager
After=network.target docker.service
Wants=docker.service
PartOf=dspy-agent.target

[Service]
Type=simple
User=dspy
Group=dspy
WorkingDirectory=/opt/dspy-agent
ExecStart=/opt/dspy-agent/bin/env-manager 0.0.0.0 50100
Restart=always
RestartSec=5
TimeoutStopSec=30
KillMode=mixed
MemoryLimit=2G
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome=true
ReadWritePaths=/opt/dspy-agent

[Install]
WantedBy=dspy-agent.target
`;

const orchestrator = `[Unit]
After=network.target env-manager.service
Requires=env-manager.service

[Service]
User=dspy
ExecStart=/opt/dspy-agent/bin/orchestrator-linux 127.0.0.1 9097
EnvironmentFile=-/etc/default/dspy
Restart=always
RestartSec=5
StandardOutput=syslog

[Install]
WantedBy=dspy-agent.target
`;

const api = `[Unit]
After=network.target env-manager.service

[Service]
Type=exec
EnvironmentFile=/etc/default/shop
Environment=PORT=%i "GREETING=a b"
ExecStart=/opt/shop/bin/api 127.0.0.1 \${PORT}
TimeoutStopSec=10
StandardOutput=append:/var/log/shop.log

[Install]
WantedBy=multi-user.target
`;

const agents = `[Unit]
After=network.target

[Service]
Type=exec
User=nobody
WorkingDirectory=/srv/edu
Environment=PORT=800%i
ExecStart=/srv/edu/venv/bin/uvicorn 0.0.0.0 $PORT
Restart=always
RestartSec=5
TimeoutStopSec=30
KillMode=mixed

[Install]
WantedBy=multi-user.target
`;

/** Units of every day on a host, with the faults that they have there, running. */
export async function startUnits({ exec, write }: Machine): Promise<void> {
  await exec('useradd', ['--system', '--home-dir', '/opt/dspy-agent', '--shell', '/usr/sbin/nologin', 'dspy']);
  const programs = ['/opt/dspy-agent/bin/env-manager', '/opt/dspy-agent/bin/orchestrator-linux', '/opt/shop/bin/api'];
  for (const path of [...programs, '/srv/edu/venv/bin/uvicorn']) await write(path, server, 0o755);
  await write('/srv/edu/venv/pyvenv.cfg', 'home = /usr/bin\n');
  await write('/opt/dspy-agent/config/env-manager.toml', 'grpc_addr = "0.0.0.0:50100"\n', 0o640);
  await exec('chown', ['-R', 'root:dspy', '/opt/dspy-agent']);
  await exec('chmod', ['750', '/opt/dspy-agent']);
  await exec('chmod', ['550', '/opt/dspy-agent/bin/env-manager', '/opt/dspy-agent/bin/orchestrator-linux']);
  await write('/etc/default/shop', 'SHOP_KEY=secret\n');
  const folder = '/etc/systemd/system';
  await write(`${folder}/env-manager.service`, envManager);
  await write(`${folder}/orchestrator.service`, orchestrator);
  await write(`${folder}/shop-api@.service`, api);
  await write(`${folder}/edu_agents@.service`, agents);
  await write(`${folder}/once.service`, '[Service]\nType=oneshot\nExecStart=/bin/true\nRemainAfterExit=yes\n');
  await write(
    `${folder}/dspy-agent.target`,
    '[Unit]\nDescription=DSPy agents\n[Install]\nWantedBy=multi-user.target\n',
  );
  await exec('systemctl', ['daemon-reload']);
  const instances = ['shop-api@9001', 'shop-api@9002', 'edu_agents@0', 'edu_agents@1'];
  await exec('systemctl', ['enable', 'env-manager', 'orchestrator', ...instances]);
  await exec('systemctl', ['start', 'orchestrator', ...instances, 'once']);
}

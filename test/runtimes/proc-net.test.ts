import { listeningIn } from '../../src/runtimes/docker/proc-net';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const table = (...rows: Array<[address: string, port: number, state: string]>): string =>
  [
    head,
    ...rows.map(([address, port, state], index) => {
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      const rest = '00000000:00000000 00:00000000 00000000     0        0 630181 1 00000000f6bc2fec 100 0 0 10 0';
      return `${String(index).padStart(4)}: ${address}:${hex} ${address.replace(/./g, '0')}:0000 ${state} ${rest}  `;
    }),
    '',
  ].join('\n');
const any = '00000000';
const any6 = '0'.repeat(32);

test.each([
  ['every address', any, [9100]],
  ['one of a network', '030018AC', [9100]],
  ['every address of IPv6', any6, [9100]],
  ['one of IPv6', '00BE00FD000000000000000002000000', [9100]],
  ['127.0.0.1', '0100007F', []],
  ['Docker’s name server', '0B00007F', []],
  ['::1', '00000000000000000000000001000000', []],
  ['127.0.0.1 within IPv6', '0000000000000000FFFF00000100007F', []],
  ['one of a network within IPv6', '0000000000000000FFFF0000030018AC', [9100]],
])('what listens on %s is reached by others, or not', (_, address, ports) => {
  expect(listeningIn({ tcp: [table([address, 9100, '0A'])], udp: [] }).tcp).toEqual(ports);
});

test('connections do not listen, and a port of both families counts once', () => {
  const tcp = [
    table([any, 8080, '0A'], [any, 40_000, '01'], [any, 99, '06']),
    table([any6, 8080, '0A'], [any6, 80, '0A']),
  ];
  expect(listeningIn({ tcp, udp: [''] })).toEqual({ tcp: [80, 8080], udp: [] });
});

test('UDP is open where it has no peer, below the ports that clients are given', () => {
  const udp = [table([any, 8125, '07'], [any, 514, '01'], [any, 32_768, '07'], ['0100007F', 53, '07'])];
  expect(listeningIn({ tcp: [], udp }).udp).toEqual([8125]);
});

import { byChain, engineKind, kindOf, markedIn, rulesOf, transaction } from '../../src/hosts/redirect-rules';

const mark = 'belay:shop/edge/api';
const comment = '-m comment --comment "belay:shop/edge/api:8080"';
const docker = [
  '-N DOCKER',
  '-A DOCKER -i br-1 -j RETURN',
  '-A DOCKER -i docker0 -j RETURN',
  '-A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:8080',
  '-A DOCKER ! -i br-1 -p tcp -m tcp --dport 20100 -j DNAT --to-destination 172.18.0.4:8080',
].join('\n');
const local = '-p tcp -m addrtype --dst-type LOCAL -m tcp --dport 8080 --tcp-flags FIN,SYN,RST,ACK SYN';

test('leads what comes from outside where the engine leads the other port, and the rest to that port’s listener', () => {
  expect(rulesOf(mark, { port: 8080, to: 20100 }, { DOCKER: docker })).toEqual([
    `PREROUTING -i br-1 ${local} ${comment} -j DNAT --to-destination :20100`,
    `PREROUTING -i docker0 ${local} ${comment} -j DNAT --to-destination :20100`,
    `PREROUTING ${local} ${comment} -j DNAT --to-destination 172.18.0.4:8080`,
    `OUTPUT ${local} ${comment} -j DNAT --to-destination :20100`,
  ]);
});

test('leads everything to the listener where the engine has no rule of its own', () => {
  expect(rulesOf(mark, { port: 8080, to: 20100 }, { DOCKER: '' })).toEqual([
    `PREROUTING ${local} ${comment} -j DNAT --to-destination :20100`,
    `OUTPUT ${local} ${comment} -j DNAT --to-destination :20100`,
  ]);
});

test('keeps to the address that the port is published at', () => {
  const rule = { port: 8080, to: 20100, address: '127.0.0.1' };
  expect(rulesOf(mark, rule, { DOCKER: docker })).toEqual([
    `OUTPUT -d 127.0.0.1/32 ${local} ${comment} -j DNAT --to-destination :20100`,
  ]);
  expect(rulesOf(mark, { ...rule, address: '0.0.0.0' }, { DOCKER: '' }).join()).not.toContain(' -d ');
  expect(rulesOf(mark, { ...rule, address: '::' }, { DOCKER: '' }).join()).not.toContain(' -d ');
  expect(rulesOf(mark, { ...rule, address: 'fd00::2' }, { DOCKER: '' })[0]).toContain('PREROUTING -d fd00::2/128 ');
});

test('leads one address of the machine alone, from outside, from bridges and from the machine itself', () => {
  const rule = { port: 8080, to: 20100, address: '192.168.1.5' };
  const DOCKER = docker.replaceAll('DOCKER ! -i', 'DOCKER -d 192.168.1.5/32 ! -i');
  expect(rulesOf(mark, rule, { DOCKER })).toEqual([
    `PREROUTING -d 192.168.1.5/32 -i br-1 ${local} ${comment} -j DNAT --to-destination :20100`,
    `PREROUTING -d 192.168.1.5/32 -i docker0 ${local} ${comment} -j DNAT --to-destination :20100`,
    `PREROUTING -d 192.168.1.5/32 ${local} ${comment} -j DNAT --to-destination 172.18.0.4:8080`,
    `OUTPUT -d 192.168.1.5/32 ${local} ${comment} -j DNAT --to-destination :20100`,
  ]);
});

test('knows its own rules among others, and not those of another service', () => {
  const own = `OUTPUT ${local} ${comment} -j DNAT --to-destination :20100`;
  const chains = {
    PREROUTING: `-P PREROUTING ACCEPT\n-A PREROUTING ${local} -m comment --comment "belay:shop/edge/api2:8080" -j DNAT --to-destination :20101`,
    OUTPUT: `-P OUTPUT ACCEPT\n-A ${own}\n-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER`,
    DOCKER: '',
  };
  expect(markedIn(chains, mark)).toEqual([own]);
});

test('finds the rules of two ports as it has put them', () => {
  const ports = [
    { port: 8080, to: 20100 },
    { port: 9090, to: 20101 },
  ];
  const wanted = byChain(ports.flatMap((one) => rulesOf(mark, one, { DOCKER: '' })));
  const shown = (chain: string) => wanted.flatMap((rule) => (rule.startsWith(chain) ? [`-A ${rule}`] : [])).join('\n');
  const chains = { PREROUTING: shown('PREROUTING'), OUTPUT: shown('OUTPUT'), DOCKER: '' };
  expect(markedIn(chains, mark)).toEqual(wanted);
});

test('changes what is there for what is wanted in one go, the first at the top', () => {
  expect(transaction(['OUTPUT -j old'], ['PREROUTING -j a', 'PREROUTING -j b'])).toBe(
    '*nat\n-D OUTPUT -j old\n-I PREROUTING 1 -j b\n-I PREROUTING 1 -j a\nCOMMIT\n',
  );
});

describe('the engine uses the table', () => {
  const empty = '-N DOCKER\n-A DOCKER -i docker0 -j RETURN\n';

  test.each([
    ['in which it leads ports, past an empty chain of before', { nft: empty, legacy: docker }, 'legacy'],
    ['in which it leads ports, whatever the other has', { nft: docker, legacy: empty }, 'nft'],
    ['that has its chain, where it leads no port yet', { nft: '', legacy: empty }, 'legacy'],
    ['of nft, where it leads no port and both have its chain', { nft: empty, legacy: empty }, 'nft'],
    ['that is none, where there is no chain', { nft: '', legacy: '' }, undefined],
  ] as const)('%s', (_what, chains, kind) => expect(engineKind(chains)).toBe(kind));
});

test.each([
  ['iptables v1.8.9 (nf_tables)', 'nft'],
  ['iptables v1.8.9 (legacy)', 'legacy'],
  ['iptables v1.6.1', 'legacy'],
])('%s is the tool of %s', (version, kind) => expect(kindOf(version)).toBe(kind));

import { adapterOf } from '../../src/proxies';
import type { ProxySpec } from '../../src/spec/proxies';

test.each(['traefik', 'toString'])('a proxy of a kind that only a newer Belay has is refused by name: %s', (kind) => {
  const adapter = () => adapterOf({ kind } as unknown as ProxySpec, { home: '/nowhere', lock: (_name, act) => act() });
  expect(adapter).toThrow(
    expect.objectContaining({
      code: 'ledger-newer',
      message: `this Belay knows no proxy of kind ${kind}: a newer one has written it down`,
      hint: expect.stringContaining('upgrade the worker'),
    }),
  );
});

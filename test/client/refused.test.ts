import type { Client } from '@temporalio/client';
import { connectBelay } from '../../src/client/belay';
import { formHint, parseDrillInput } from '../../src/model/parse-request';

const wrong = { platform: 'shop', services: ['api'], wait: '0s' };

test('a wrong request is refused before anything starts, without words for the form of the Web UI', async () => {
  const belay = await connectBelay({} as Client);
  const refused = { code: 'input-invalid', message: expect.stringContaining('wait: takes no time'), hint: undefined };
  await expect(belay.drill(wrong)).rejects.toMatchObject(refused);
});

test('the form has the hint', () => {
  expect(() => parseDrillInput(wrong)).toThrow(expect.objectContaining({ hint: formHint }));
});

import { z } from 'zod';
import { UrlPath } from './checks/parts';
import { Time } from './duration';
import { sentence } from './words';

const formSentence = 'is neither before nor an object — write drill: before, or drill: { when: before, path: /slow }';

const DrillForm = z.strictObject({
  when: sentence(z.literal('before').optional(), 'before: a release tests the shutdown of the new version first.'),
  path: sentence(
    UrlPath.optional(),
    'A path that takes a while, such as /report?last=week: requests in flight ask for it. It changes nothing.',
  ),
  settle: sentence(Time.optional(), 'Time from readiness to the signal; 5s where absent.'),
  wait: sentence(
    Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s').optional(),
    'Longest wait for the end; stop.grace, and 30s at most, where absent.',
  ),
});

/** How the shutdown of a service is tested. */
export const Drill = z.union([z.literal('before').transform(asForm), DrillForm], formSentence);

function asForm(when: 'before'): z.output<typeof DrillForm> {
  return { when };
}

import { reachedBy } from '../../src/model/reached';
import { samplePlan } from '../cli/support';

test('names the revisions that were reached, without those of jobs that only Compose has run', () => {
  const { services } = samplePlan();
  const [api] = services;
  const migrate = { ...api!, service: 'migrate', unchanged: true, job: true, to: { ...api!.to, revision: 0 } };
  const plan = samplePlan({ services: [api!, migrate] });
  expect(reachedBy({ plan, steps: {} }, 'released').revisions).toEqual({ [api!.service]: api!.to.revision });
});

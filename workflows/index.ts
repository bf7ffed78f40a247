export { drop, prune, release, rollback } from './release';

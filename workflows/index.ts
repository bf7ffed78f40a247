export { drop, prune, release, retire, rollback } from './release';

export { release, retire, rollback } from './release';

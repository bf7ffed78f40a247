export { inspect } from './inspect';
export { drop, prune, release, retire, rollback } from './release';
export { unknownType as default } from './unknown-type';

export { inspect } from './inspect';
export { backup, drill, drop, prune, release, retire, rollback } from './release';
export { unknownType as default } from './unknown-type';

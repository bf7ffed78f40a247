export { inspect } from './inspect';
export { backup, drill, drop, prune, release, restore, retire, rollback } from './release';
export { unknownType as default } from './unknown-type';
export { watch } from './watch';

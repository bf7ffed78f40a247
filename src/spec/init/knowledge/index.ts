export { type Kind, type Store, stores, type Weight } from './clue';
export { issuers } from './images';
export { judgeMount, type Mount } from './mounts';
export { type PlainGet, plainGet } from './plain-get';
export {
  type Asked,
  type Evidence,
  imageName,
  isStore,
  lastCommand,
  scriptIn,
  type Traits,
  type Verdict,
  weigh,
} from './weigh';

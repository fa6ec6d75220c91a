export {
  contentOf,
  fileContent,
  fileEntry,
  mapHeaders,
  packGzip,
  packTar,
  readTar,
  type Header,
  type TarEntry,
} from './tar.ts';

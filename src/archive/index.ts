export {
  contentOf,
  fileContent,
  fileEntry,
  mapHeaders,
  packGzip,
  packTar,
  readTar,
  type Header,
  type NewHeader,
  type TarEntry,
} from './tar.ts';

import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const xml = (name: string, ...inner: string[]): string => `<${name}>${inner.join('')}</${name}>`;
const etag = (data: Buffer): string => `"${createHash('md5').update(data).digest('hex')}"`;

/** One bucket of the S3 API (2006-03-01) in memory: what a registry asks of it. Whoever shows another key is refused. */
export class S3Store {
  readonly objects = new Map<string, Buffer>();
  readonly #uploads = new Map<string, Upload>();
  readonly #server: Server;

  private constructor(
    readonly bucket: string,
    readonly accessKey: string,
  ) {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(bucket: string, accessKey: string): Promise<S3Store> {
    const store = new S3Store(bucket, accessKey);
    store.#server.listen(0);
    await once(store.#server, 'listening');
    return store;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, body: string | Buffer = '', headers: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body);
    const url = new URL(request.url ?? '/', 'http://store');
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/');
    const body = await buffer(request);
    const signed =
      request.headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${this.accessKey}/`) &&
      request.headers.authorization.includes('Signature=');
    if (!signed) return answer(403, xml('Error', xml('Code', 'InvalidAccessKeyId')));
    if (bucket !== this.bucket) return answer(404, xml('Error', xml('Code', 'NoSuchBucket')));
    const key = rest.join('/');
    const query = Object.fromEntries(url.searchParams);
    if (key === '')
      return request.method === 'POST'
        ? this.#deleteAll(body, answer)
        : 'uploads' in query
          ? this.#listUploads(query, answer)
          : this.#list(query, answer);
    if ('uploadId' in query || 'uploads' in query) return this.#upload(request, key, query, body, answer);
    this.#object(request, key, body, answer);
  }

  #object(
    { method, headers }: IncomingMessage,
    key: string,
    body: Buffer,
    answer: (status: number, body?: string | Buffer, headers?: Record<string, string>) => void,
  ): void {
    if (method === 'PUT') {
      const data = headers['x-amz-copy-source'] ? this.#source(headers['x-amz-copy-source'] as string) : body;
      this.objects.set(key, data);
      return answer(200, headers['x-amz-copy-source'] ? xml('CopyObjectResult', xml('ETag', etag(data))) : '', {
        etag: etag(data),
      });
    }
    if (method === 'DELETE') return void (this.objects.delete(key), answer(204));
    const held = this.objects.get(key);
    if (!held) return answer(404, method === 'HEAD' ? '' : xml('Error', xml('Code', 'NoSuchKey')));
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
    if (from !== undefined && Number(from) >= held.length)
      return answer(416, xml('Error', xml('Code', 'InvalidRange')));
    const part = from === undefined ? held : held.subarray(Number(from), to ? Number(to) + 1 : undefined);
    answer(from === undefined ? 200 : 206, method === 'HEAD' ? '' : part, {
      'content-length': String(part.length),
      'content-type': 'application/octet-stream',
      etag: etag(held),
      'last-modified': new Date().toUTCString(),
    });
  }

  #source(header: string): Buffer {
    const [, ...key] = decodeURIComponent(header).replace(/^\//, '').split('/');
    return this.objects.get(key.join('/')) ?? Buffer.alloc(0);
  }

  #upload(
    { method, headers }: IncomingMessage,
    key: string,
    { uploadId = '', partNumber }: Record<string, string>,
    body: Buffer,
    answer: (status: number, body?: string, headers?: Record<string, string>) => void,
  ): void {
    if (method === 'POST' && !uploadId) {
      const id = randomUUID();
      this.#uploads.set(id, { key, parts: new Map() });
      return answer(
        200,
        xml('InitiateMultipartUploadResult', xml('Bucket', this.bucket), xml('Key', escape(key)), xml('UploadId', id)),
      );
    }
    const upload = this.#uploads.get(uploadId);
    if (!upload) return answer(404, xml('Error', xml('Code', 'NoSuchUpload')));
    if (method === 'PUT') return this.#part(upload, Number(partNumber), headers, body, answer);
    if (method === 'GET')
      return answer(
        200,
        xml(
          'ListPartsResult',
          xml('IsTruncated', 'false'),
          ...this.#parts(upload).map(([number, data]) =>
            xml('Part', xml('PartNumber', String(number)), xml('ETag', etag(data)), xml('Size', String(data.length))),
          ),
        ),
      );
    this.#uploads.delete(uploadId);
    if (method === 'DELETE') return answer(204);
    this.objects.set(key, Buffer.concat(this.#parts(upload).map(([, data]) => data)));
    answer(
      200,
      xml(
        'CompleteMultipartUploadResult',
        xml('Bucket', this.bucket),
        xml('Key', escape(key)),
        xml('ETag', etag(this.objects.get(key)!)),
      ),
    );
  }

  #part(
    { parts }: Upload,
    number: number,
    headers: IncomingMessage['headers'],
    body: Buffer,
    answer: (status: number, body?: string, headers?: Record<string, string>) => void,
  ): void {
    const copied = headers['x-amz-copy-source'] as string | undefined;
    const [, from, to] =
      /^bytes=(\d+)-(\d+)$/.exec((headers['x-amz-copy-source-range'] as string | undefined) ?? '') ?? [];
    const data = copied
      ? this.#source(copied).subarray(from ? Number(from) : 0, to ? Number(to) + 1 : undefined)
      : body;
    parts.set(number, data);
    answer(200, copied ? xml('CopyPartResult', xml('ETag', etag(data))) : '', { etag: etag(data) });
  }

  #parts({ parts }: Upload): [number, Buffer][] {
    return [...parts].sort(([a], [b]) => a - b);
  }

  #listUploads({ prefix = '' }: Record<string, string>, answer: (status: number, body: string) => void): void {
    const found = [...this.#uploads].filter(([, { key }]) => key.startsWith(prefix));
    answer(
      200,
      xml(
        'ListMultipartUploadsResult',
        xml('IsTruncated', 'false'),
        ...found.map(([id, { key }]) => xml('Upload', xml('Key', escape(key)), xml('UploadId', id))),
      ),
    );
  }

  #list(
    { prefix = '', delimiter = '', 'max-keys': most = '1000', 'start-after': after = '' }: Record<string, string>,
    answer: (status: number, body: string) => void,
  ): void {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const folderOf = (key: string): string | undefined => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? undefined : key.slice(0, end + 1);
    };
    const folders = new Set(keys.flatMap((key) => folderOf(key) ?? []));
    const own = keys.filter((key) => folderOf(key) === undefined).slice(0, Number(most));
    const now = new Date().toISOString();
    answer(
      200,
      xml(
        'ListBucketResult',
        xml('Name', this.bucket),
        xml('Prefix', escape(prefix)),
        xml('KeyCount', String(own.length + folders.size)),
        xml('IsTruncated', 'false'),
        ...own.map((key) =>
          xml(
            'Contents',
            xml('Key', escape(key)),
            xml('LastModified', now),
            xml('ETag', etag(this.objects.get(key)!)),
            xml('Size', String(this.objects.get(key)!.length)),
          ),
        ),
        ...[...folders].map((folder) => xml('CommonPrefixes', xml('Prefix', escape(folder)))),
      ),
    );
  }

  #deleteAll(body: Buffer, answer: (status: number, body: string) => void): void {
    const keys = [...body.toString().matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key]) => key!);
    for (const key of keys) this.objects.delete(key);
    answer(200, xml('DeleteResult', ...keys.map((key) => xml('Deleted', xml('Key', key)))));
  }
}

/** nginx configurations that the router is measured against; all listen on loopback with one worker. */

const head = `
worker_processes 1;
daemon off;
pid /run/router/nginx.pid;
error_log stderr error;
events { worker_connections 16384; }
http {
  access_log /dev/stdout combined buffer=64k flush=1s;
  server_tokens off;
  keepalive_requests 100000;
  client_body_temp_path /run/router/body;
  proxy_temp_path /run/router/proxy;
  fastcgi_temp_path /run/router/fastcgi;
  uwsgi_temp_path /run/router/uwsgi;
  scgi_temp_path /run/router/scgi;
`;

const forwarded = `
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
`;

/** What somebody who knows nginx writes by hand for one app. */
export function staticUpstream(port: number, appPort: number): string {
  return `${head}
  upstream app { server 127.0.0.1:${appPort}; keepalive 64; keepalive_requests 100000; }
  server {
    listen 127.0.0.1:${port} reuseport;
    server_name app-7.bench.test;
    location / { ${forwarded} proxy_pass http://app; }
  }
}`;
}

/** What peers generate: the upstream's name in a variable, resolved at run time. */
export function variableProxyPass(port: number, appPort: number): string {
  return `${head}
  resolver 127.0.0.11;
  server {
    listen 127.0.0.1:${port} reuseport;
    server_name app-7.bench.test;
    set $upstream http://127.0.0.1:${appPort};
    location / { ${forwarded} proxy_pass $upstream; }
  }
}`;
}

/** The app behind all of them: a body of the given size, as fast as it can be had. */
export function fastApp(port: number, bytes: number): string {
  return `${head.replace(/access_log .*;/, 'access_log off;')}
  server {
    listen 127.0.0.1:${port} reuseport;
    location / { return 200 "${'x'.repeat(bytes)}"; }
  }
}`;
}

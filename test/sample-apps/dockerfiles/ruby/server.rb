require "socket"

server = TCPServer.new(Integer(ENV.fetch("PORT", "80")))
loop do
  client = server.accept
  client.readpartial(4096)
  client.write "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nruby\n"
  client.close
end

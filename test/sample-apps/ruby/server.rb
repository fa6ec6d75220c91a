require 'greeting'
require 'json'
require 'socket'

server = TCPServer.new('0.0.0.0', Integer(ENV.fetch('PORT')))
loop do
  client = server.accept
  nil until client.gets.to_s.strip.empty?
  body = JSON.dump(text: GREETING, version: RUBY_VERSION, environment: ENV['RACK_ENV'])
  client.write "HTTP/1.1 200 OK\r\nContent-Length: #{body.bytesize}\r\nConnection: close\r\n\r\n#{body}"
  client.close
end

// Answers every request with a greeting. Of the standard library only net is used: less to compile.
package main

import (
	"bufio"
	"net"
	"os"
	"runtime"

	"example.com/greeting"
)

func main() {
	listener, err := net.Listen("tcp", ":"+os.Getenv("PORT"))
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		lines := bufio.NewScanner(connection)
		for lines.Scan() && lines.Text() != "" {
		}
		connection.Write([]byte("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + greeting.Text + " " + runtime.Version()))
		connection.Close()
	}
}

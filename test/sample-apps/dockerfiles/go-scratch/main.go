package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "go-scratch") })
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}

module example.com/web

go 1.24

require example.com/greeting v1.0.0

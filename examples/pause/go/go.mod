module throughline.example/pause

go 1.22

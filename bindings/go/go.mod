module github.com/redislite/redislite/bindings/go

go 1.24

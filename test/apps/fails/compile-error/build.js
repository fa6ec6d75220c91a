this is not JavaScript;

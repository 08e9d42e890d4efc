speed 10; pen red

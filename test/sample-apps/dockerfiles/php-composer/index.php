<?php echo "php-composer\n";

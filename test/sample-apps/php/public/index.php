<?php
require __DIR__ . '/../vendor/autoload.php';
header('Content-Type: application/json');
echo json_encode([
    'text' => Greeting\Greeting::TEXT,
    'version' => PHP_VERSION,
    'path' => $_SERVER['REQUEST_URI'],
    'extensions' => array_values(array_filter(['mbstring', 'gd', 'pdo_pgsql', 'Zend OPcache'], 'extension_loaded')),
]);

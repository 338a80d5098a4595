#!/bin/sh
. ./container.sh

# What one piece costs.
price() {
    secret "$1"
}

# Put one piece in.
add() {
    price "$1"
}

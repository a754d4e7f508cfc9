// Package pledge carries applications to help from one town to another
// (FEP-0837): of who has an account here to clubs elsewhere, and of people from
// elsewhere to clubs here.
//
// The club's town decides who has which place (package application); the town of
// the person keeps what was asked, what the club says of it, and the signed answer
// to each thing that the person did. It must not know any page, nor in which words
// people are told.
package pledge

-- Keys of the older form are made when the member is written anew.
SELECT 1;

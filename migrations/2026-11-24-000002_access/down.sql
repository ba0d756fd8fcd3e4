drop table invitation, role_grant, login_failure, recovery_code, token, account;

"""Files as the usual systems export them."""

HUBSPOT = (
    '"Record ID","First Name","Last Name","Email","Phone Number","Contact owner",'
    '"Associated Company","Last Activity Date","Lead Status","Marketing contact status",'
    '"Create Date","Associated Company IDs","Lifecycle Stage","Job Title",'
    '"Additional email addresses"\n'
    '"51","Ada","Lovelace","ada@engines.example","+44 20 7946 0018","Max Muster",'
    '"Analytical Engines","","","","2024-05-01 10:00","771","Marketing Qualified Lead","Countess",'
    '"ada@home.example;countess@engines.example"\n'
)
SALESFORCE = (
    '"Salutation","First Name","Last Name","Title","Account Name","Mailing Street","Mailing City",'
    '"Phone","Mobile","Fax","Email","Account Owner","Contact ID","Birthdate","Department",'
    '"Do Not Call","Lead Source"\n'
    '"Ms.","Ada","Lovelace","Countess","Analytical Engines","12 St James\'s Square\nFlat 2",'
    '"London","+44 20 7946 0018","+44 7700 900123","","ada@engines.example","Max","003A000001",'
    '"12/10/1985","Research","1","Web"\n'
)
SALESFORCE_DATA = (
    '"Id","FirstName","LastName","Account.Name","AccountId","Email","Phone","MobilePhone","Title",'
    '"Birthdate","LeadSource"\n'
    '"003A","Ada","Lovelace","Analytical Engines","001A","ada@engines.example",'
    '"+44 20 7946 0018","+44 7700 900123","Countess","1985-12-10","Web"\n'
)
GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,"
    "Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,"
    "E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value\n"
    "Ada,,Lovelace,,,,Analytical Engines,Countess,Research,1985-12-10,,,* myContacts ::: Friends,"
    "* Work,ada@engines.example ::: ada2@engines.example,Home,ada@home.example,Mobile,"
    "+44 7700 900123\n"
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Yomi Name,Birthday,Group Membership,"
    "E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,"
    "Organization 1 - Name,Organization 1 - Title\n"
    "Ada Lovelace,Ada,,Lovelace,,--12-10,* myContacts,* Work,ada@engines.example,Mobile,"
    "+44 7700 900123,,Analytical Engines,Countess\n"
)
OUTLOOK = (
    '"Title","First Name","Middle Name","Last Name","Suffix","Company","Department","Job Title",'
    '"Business Street","Business Phone","Home Phone","Mobile Phone","Birthday","Categories",'
    '"E-mail Address","E-mail Type","E-mail Display Name","E-mail 2 Address","Language","Web Page"\n'
    '"Dr.","Ada","","Lovelace","","Analytical Engines","Research","Countess","",'
    '"+44 20 7946 0018","","+44 7700 900123","0/0/00","Friends;Press","ada@engines.example",'
    '"SMTP","Ada Lovelace (ada@engines.example)","ada@home.example","","https://www.engines.example/x"\n'
)

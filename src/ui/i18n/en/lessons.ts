/** English texts of the lesson plans. */
export const enLessons = {
  lessons: {
    title: 'Lesson plans',
    lead: 'For teachers who have never used this page. Each plan needs one device with a projector, and a browser for each student or pair.',
    print: 'Print',
    columns: { time: 'Time', doing: 'Do', say: 'Say', trouble: 'If it goes wrong' },
    before: {
      title: 'Before the lesson',
      rows: [
        'Open this page, go to “Networks”, choose “45-minute class” and create a network with the name of your class.',
        'Open the new link, register yourself, and mine for a minute: then the first blocks are there.',
        'Open “Show on a wall” on the projector. The page shows the address, the code and a QR code.',
        'Try to join with your own phone. If the phone cannot open the address, the Wi-Fi keeps devices apart: use a hotspot, or the address of a public host.',
      ],
    },
    plans: {
      class: {
        title: '45 minutes: a chain of our own',
        rows: [
          [
            '0–5',
            'Everybody joins by QR or code.',
            'There is no bank here and no app. Each of your tabs is the whole system.',
            'No camera? Type the address and the six letters.',
          ],
          [
            '5–12',
            'All register a name.',
            'Your tab makes two keys. The owner of the private key can spend; there is no “forgot password”.',
            'A name is taken: choose another. Old phones need half a minute for the keys.',
          ],
          [
            '12–20',
            'All start mining; watch the wall. Experiment “Hash”.',
            'Finding is hard, checking is easy. The tab that finds a block writes its own reward.',
            'Phones get warm: set one thread. Nobody must mine to go on, the grant is enough.',
          ],
          [
            '20–30',
            'Everybody pays two neighbours. Follow a payment: waiting, in a block, deeper and deeper.',
            'Every tab checks every signature. You need not trust me, and not each other.',
            'A payment waits: nobody mines, or the fee is too low.',
          ],
          [
            '30–40',
            'One half of the class does the experiment “Fork”.',
            'Both halves were right, until they met. More work wins, and the other rewards are gone.',
            'No fork to see: both halves must mine while the links are cut.',
          ],
          [
            '40–45',
            'All take the class home: “Lab”, then “Save everything for home”.',
            'You carry the whole chain home. Open it and check it, without me and without this network.',
            'No downloads on tablets: copy the key as text.',
          ],
        ],
      },
      double: {
        title: '90 minutes: with SQL and privacy',
        rows: [
          ['0–30', 'The 45-minute plan, up to the payments.', 'As above.', 'As above.'],
          [
            '30–40',
            'Experiment “Double spend”, in pairs: one pays, the other is the shop.',
            'Both payments were signed. The chain takes each number once, so it keeps just one of them.',
            '“A block took the payment”: link again, and pay once more.',
          ],
          [
            '40–60',
            'Experiment “SQL detective”, in pairs.',
            'The chain is a database, and you are its administrator. Which question needs a join?',
            'Whole rows are confusing: begin with SELECT * FROM transfers LIMIT 5.',
          ],
          [
            '60–75',
            'Experiment “Privacy”.',
            'Names and amounts stay readable for good. What does a sealed memo hide, and what not?',
            'A memo cannot be sealed to an account that never registered.',
          ],
          [
            '75–85',
            'Experiment “Receipt”, to a tab of another class if possible.',
            'Two kilobytes prove a payment. What must the other person know?',
            'The payment needs a block first.',
          ],
          ['85–90', 'All save key file and database.', 'Check the file at home: from the first block on.', 'As above.'],
        ],
      },
      week: {
        title: 'A week: points for a club',
        rows: [
          [
            'Day 1',
            'Create a “Semester” network. All register and save their key files.',
            'Nobody owns these points. A lost key is lost for good.',
            'Key files on shared computers: save them on a stick or send them to yourself.',
          ],
          [
            'Day 2',
            'Agree on what points are for; pay each other for help. One device mines all day.',
            'What gives these points a value?',
            'Nobody mines over night: the next block comes in the morning.',
          ],
          [
            'Day 3',
            'Experiments “Difficulty”, “Header times” and “Fees”.',
            'Rules instead of an administrator. Miners write the times, so the rules must not believe them.',
            'With one miner the difficulty falls slowly: wait twenty blocks.',
          ],
          [
            'Day 4',
            'Each group asks the database a question of its own and shows a chart.',
            'Open data, open questions.',
            'Long queries end after ten seconds: use LIMIT.',
          ],
          [
            'Day 5',
            'Experiment “51 %”, one team against the rest. All check the exported file from the first block on, and talk: who could have cheated, and how?',
            'More power rewrites the newest blocks, but signs for nobody. Trust is what is left when nobody can cheat unnoticed.',
            'A file that fails tells the first broken rule and its row.',
          ],
        ],
      },
    },
  },
};

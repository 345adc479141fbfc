"""Who gets what at every address of the service: the table of URL × role × own or foreign.

A line: method, what one gets about one's own, about what belongs to others, and the addresses, by
their names (``*`` stands for anything). Six letters are six roles: visitor, learner, trainer,
agency focal point, DOST officer, superuser. ``=`` means the same as about one's own; ``-`` that
the address is not about a thing.

    o  a page, a file, an answer        n  not there (404)
    g  sent on to another page          m  not by this method (405)
    l  sent to log in                   b  the input cannot be used (400)
    x  refused: 403, or by Wagtail back to the admin's first page with a message
    c  not in this state (409)          e  an error on purpose (500)
"""

TABLE = """
# Public
GET  oooooo -      certificates:look_up
GET  oooooo =      certificates:look_up_qr certificates:issuer certificates:status_list
GET  oooooo =      certificates:shared certificates:card
GET  oooooo -      certificates:public_keys certificates:key_set certificates:public_key
GET  oooooo -      certificates:offline certificates:offline_worker
POST bbbbbb -      certificates:look_up_file
GET  oooooo -      health
GET  gggggg -      courses:catalogue
POST gggggg -      set_language
GET  nnnnnn -      rendition
GET  nnnnnn =      wagtailcore_authenticate_with_password

# Pages: one view serves them all, and each page says whom it admits; here a lesson
GET  looxoo lxxxoo wagtail_serve

# Accounts: nobody signs up by oneself
GET  oggggg -      account_login account_signup
GET  gooooo -      account_logout
GET  oooooo -      account_inactive account_email_verification_sent account_confirm_email
GET  oooooo -      account_reset_password account_reset_password_*
GET  looooo -      account_reauthenticate account_email account_change_password mfa_index
GET  lggggg -      account_set_password account_confirm_login_code mfa_authenticate
GET  lggggg -      mfa_reauthenticate mfa_activate_totp mfa_generate_recovery_codes
GET  lnnnnn -      mfa_deactivate_totp mfa_view_recovery_codes mfa_download_recovery_codes

# Learning: one's own only, whoever one is; staff have the admin
GET  looooo -      courses:mine certificates:mine people:tokens
GET  looooo -      courses:meetings_now courses:calendar_of_all
POST lgxxxx =      courses:enrol
GET  lonnnn lnnnnn courses:check_in courses:check_in_code courses:calendar
GET  lonnnn lnnnnn courses:enrolment quizzes:quiz quizzes:attempt
GET  lgnnnn lnnnnn courses:next quizzes:result courses:survey
GET  lonnnn lnnnnn courses:ask
GET  lonnnn lnnnnn courses:assignment courses:assignment_file
GET  lgnnnn lnnnnn courses:hand_in
POST lgnnnn lnnnnn quizzes:start courses:take_back
POST lgnnnn lnnnnn people:revoke_token
GET  lgnnnn lnnnnn courses:withdraw
GET  loonoo lnnnoo courses:captions
GET  loonoo lnonoo courses:clip
GET  lonnnn lnnnnn certificates:certificate certificates:state certificates:download
GET  lonnnn lnnnnn certificates:credential
POST lgnnnn lnnnnn certificates:share certificates:withdraw_share
GET  lonnnn lnnnnn certificates:confirm
GET  lonnnn lnnnnn certificates:picture
GET  looooo =      wagtaildocs_serve
GET  lnnnnn -      wagtaildocs_authenticate_with_password

# API
POST bbbbbb -      api:look_up
GET  xooooo -      schema docs
GET  xooooo -      api:quizzes
GET  xonnnn xnnnnn api:attempt
GET  xcnnnn xnnnnn api:result api:review
POST xonnnn xnnnnn api:submit
POST xbnnnn xnnnnn api:watching api:check_in
POST xbbbbb =      api:start
PUT  xonnnn xnnnnn api:answers

# Admin: coming in
GET  lgllll -      /admin/login/ wagtailadmin_login
GET  lloooo -      wagtailadmin_home wagtailadmin_account wagtailadmin_dismissibles
POST llllll -      wagtailadmin_logout
GET  lnnnnn -      wagtailadmin_password_reset*
GET  looooo -      wagtailadmin_sprite wagtailadmin_javascript_catalog
GET  llnnnn -      /admin/^.*/$ wagtailadmin_block_preview
GET  lloooo -      /admin/test404/
GET  lleeee -      wagtailadmin_error_test

# Admin: courses and runs
GET  lloxoo -      courses_taught:index courses_taught:index_results
GET  llxxoo -      courses_taught:add
GET  lloxoo llnxoo courses_taught:edit
GET  llonoo llnnoo courses_taught:history courses_taught:history_results
GET  lloxoo -      runs:index runs:index_results runs:add
GET  lloxoo llnxoo runs:edit
GET  llonoo llnnoo runs:delete runs:history runs:history_results runs:inspect
GET  llonoo llnnoo runs:copy runs:close runs:start runs:amend runs:lessons
GET  llgngg llnngg runs:open
GET  llxxoo -      conflicts:index conflicts:index_results
GET  llxxoo =      conflicts:inspect conflicts:decide
GET  llonoo llnnoo meetings:*
GET  lloooo -      enrolments:index enrolments:index_results
GET  lloooo llnnoo enrolments:inspect
GET  llxooo llnnoo enrolments:withdraw enrolments:transfer
GET  llxooo -      enrolment_requests:index enrolment_requests:index_results
GET  llnooo llnnoo enrolment_requests:inspect
GET  llxooo -      enrolment_lists:index enrolment_lists:index_results enrolment_lists:receive
GET  llnnoo =      enrolment_lists:inspect
GET  llxnoo =      enrolment_lists:report
GET  llxooo -      agency_people:index
GET  llxooo llxnoo agency_people:run
GET  llonoo llnnoo run_messages:index run_messages:write
GET  llonoo llnnoo survey:results survey:workbook survey:statements
GET  lloxoo -      run_questions:index run_questions:index_results
GET  llonoo llnnoo run_questions:inspect

GET  llonoo llnnoo paper:index paper:grid paper:workbook paper:scan paper:correct
GET  llonoo llnnoo decision_lists
GET  llonoo llnnoo printed:*
GET  llonoo llnnoo assignments:*
GET  lloxoo -      assignments_set:index assignments_set:index_results assignments_set:add
GET  lloxoo llnxoo assignments_set:edit
GET  llonoo llnnoo assignments_set:history assignments_set:history_results
GET  lloxoo -      paper_tests:index paper_tests:index_results paper_tests:add
GET  lloxoo llnxoo paper_tests:edit
GET  llonoo llnnoo paper_tests:history paper_tests:history_results
GET  lloxoo -      marking:index marking:index_results

# Admin: questions and tests
GET  lloxoo -      banks:index banks:index_results banks:add
GET  lloxoo llnxoo banks:edit
GET  llonoo llnnoo banks:history banks:history_results banks:inspect banks:import*
GET  lloxoo -      questions:index questions:index_results
GET  llonoo llnnoo questions:inspect questions:correct questions:void
GET  llonoo llnnoo questions:regrade questions:regrade_sheet questions:regraded questions:edit
GET  llmnmm llnnmm questions:retire
GET  lloxoo -      tests:index tests:index_results tests:add
GET  lloxoo llnxoo tests:edit
GET  llonoo llnnoo tests:history tests:history_results tests:inspect tests:preview
GET  llonoo llnnoo tests:publish tests:withdraw openings:index openings:set
GET  lloxoo -      long_answers:index long_answers:index_results
# the trainer has taken it; whoever has not is sent back to the list
GET  llongg llnngg long_answers:mark
POST llgxgg llnxgg long_answers:next
GET  lloxoo -      attempts:index attempts:index_results
GET  llonoo llnnoo attempts:inspect attempts:restore
GET  lloxoo -      accommodations:index accommodations:index_results accommodations:choose
GET  llonoo llnnoo accommodations:give accommodations:withdraw

# Admin: certificates
GET  llxxoo -      issued:index issued:index_results
GET  llnxoo llnnoo issued:inspect
GET  llxooo -      corrections:index corrections:index_results
GET  llnooo llnnoo corrections:inspect
POST llxggg llxngg corrections:settle
GET  llxooo -      agency_certificates:index agency_certificates:bundle
GET  llxooo -      agency_certificates:sheet
GET  llxxoo -      issue_lists:index issue_lists:index_results issue_lists:receive
GET  llnnoo =      issue_lists:inspect
GET  llxxoo -      issue_batches:index issue_batches:index_results
GET  llnnoo =      issue_batches:inspect
POST llxxgg =      issue_batches:act issue_batches:retry
GET  llxxoo -      brakes:index brakes:index_results brakes:add
GET  llnnoo =      brakes:inspect
POST llxxgg =      brakes:release brakes:take_back_in
GET  llxxoo -      register_entries:index register_entries:index_results
GET  llxxoo =      register_entries:inspect register_entry_file
GET  llnxoo llnnoo certificate_decide
# nothing was filled in, so there is nothing to show
POST llnxnn llnnnn certificate_decide_preview
GET  llxxoo -      registers:index registers:index_results registers:add
GET  llxxoo =      paper_certificates
GET  llxxoo =      register_books register_book_workbook register_book_volume
GET  llxxoo =      registers:edit registers:history registers:history_results
GET  llxxoo -      issuing_rules:index issuing_rules:index_results issuing_rules:add
GET  llxxoo =      issuing_rules:edit issuing_rules:history issuing_rules:history_results
GET  llxxoo -      unsigned_files:index unsigned_files:index_results unsigned_files:bring
# nothing waits for a signature, and nothing came back
GET  llxxnn =      unsigned_files:export unsigned_files:brought
GET  llxxoo -      certificate_templates:index certificate_templates:index_results
GET  llxxoo -      certificate_templates:add
GET  llxxoo =      certificate_templates:design certificate_templates:specimen
POST llxxoo =      certificate_templates:preview
POST llxxgg =      certificate_templates:publish certificate_templates:retire

GET  llxnoo llnnoo candidates
# of somebody who has not completed the course there is nothing to preview
GET  llxnnn llnnnn candidate_preview

# Admin: people and agencies
GET  llxooo -      persons:index persons:index_results
GET  llxxoo -      persons:add
GET  llxxoo =      persons:edit
GET  llnxoo llnnoo persons:history persons:history_results
GET  llnooo llnnoo persons:inspect
GET  llxxoo -      agencies:index agencies:index_results agencies:add
GET  llxxoo =      agencies:edit agencies:history agencies:history_results
GET  llxxoo -      systems:index systems:index_results systems:add
GET  llxxoo =      systems:edit systems:history systems:history_results systems:inspect
GET  llxxoo -      programmes:index programmes:index_results programmes:add
GET  llxxoo =      programmes:edit programmes:history programmes:history_results
GET  llxxoo -      phases:index phases:index_results phases:add
GET  llxxoo =      phases:edit phases:history phases:history_results
GET  llxxoo -      units:index units:index_results units:add
GET  llxxoo =      units:edit units:history units:history_results
GET  llxxoo -      legal_documents:index legal_documents:index_results legal_documents:add
GET  llxxoo =      legal_documents:edit legal_documents:history legal_documents:history_results
GET  llxxoo -      editions:*

# Admin: counts; the rows are narrowed to one's own agency
GET  llxooo -      reports:counts reports:counts_results reports:agencies reports:agencies_results
GET  llxooo -      reports:turns reports:turns_results reports:certified reports:certified_results
GET  llxooo -      reports:persons reports:persons_results
GET  llxooo llxnoo reports:person reports:person_results

# Admin: mails, for those who answer for the service
GET  llxxoo -      mails:index mails:index_results
GET  llnnoo =      mails:inspect
POST llxxgg =      mails:retry

# Wagtail: pages, for those who teach the course
GET  llgxgo -      wagtailadmin_explore_root
GET  lloxoo =      wagtailadmin_explore wagtailadmin_explore_results
GET  lloxoo -      wagtailadmin_pages:type_use* wagtailadmin_pages:search*
GET  lloooo -      wagtailadmin_pages:choose_parent
GET  lloxoo llxxoo wagtailadmin_pages:add wagtailadmin_pages:preview_on_add
GET  lloxoo llxxoo wagtailadmin_pages:edit wagtailadmin_pages:preview_on_edit
GET  lloxoo llxxoo wagtailadmin_pages:view_draft wagtailadmin_pages:usage
GET  lloxoo llxxoo wagtailadmin_pages:unpublish wagtailadmin_pages:move wagtailadmin_pages:copy
GET  lloxoo llxxoo wagtailadmin_pages:set_privacy wagtailadmin_pages:workflow_history
GET  lloxoo llxxoo wagtailadmin_pages:history wagtailadmin_pages:history_results
GET  lloxoo llxxoo wagtailadmin_pages:revisions_view wagtailadmin_pages:revisions_revert
GET  lloxoo llxxoo wagtailadmin_pages:revisions_unschedule wagtailadmin_pages:revisions_compare
GET  llgxgg llxxgg wagtailadmin_pages:add_subpage wagtailadmin_pages:delete
GET  llgggg =      wagtailadmin_pages:revisions_index
POST lloxoo llxxoo wagtailadmin_pages:set_page_position
POST llxxxg =      wagtailadmin_pages:lock wagtailadmin_pages:unlock
POST llgxgg llxxgg wagtailadmin_pages:move_confirm
GET  llnnnn =      wagtailadmin_pages:convert_alias wagtailadmin_pages:workflow_action
GET  llnnnn =      wagtailadmin_pages:collect_workflow_action_data
GET  lloooo =      wagtailadmin_pages:confirm_workflow_cancellation
GET  llxxxx =      wagtailadmin_pages:workflow_preview
GET  llnxnn llxxnn wagtailadmin_pages:workflow_history_detail
POST llonoo llnnoo wagtailadmin_editing_sessions:ping
POST lloooo -      wagtailadmin_editing_sessions:release

# Wagtail: choosers and links of the editor
GET  lloooo -      wagtailadmin_choose_page wagtailadmin_choose_page_search
GET  lloooo -      wagtailadmin_choose_page_*_link wagtailadmin_choose_page_chosen_multiple
GET  lloooo =      wagtailadmin_choose_page_child
GET  lloooo -      wagtailadmin_tag_autocomplete wagtailembeds:*
GET  llnnnn -      wagtailadmin_tag_model_autocomplete
GET  lloooo -      wagtaildocs_chooser:choose* wagtailimages_chooser:choose*
GET  lloooo -      wagtaildocs_chooser:chosen_multiple wagtailimages_chooser:chosen_multiple
GET  lloxoo =      wagtaildocs_chooser:chosen wagtailimages_chooser:chosen
GET  lloxoo =      wagtailimages_chooser:select_format
GET  lloxoo -      wagtaildocs_chooser:create wagtailimages_chooser:create
GET  lloooo -      wagtailadmin_api:*:listing
GET  llonoo =      wagtailadmin_api:pages:detail
GET  lloooo =      wagtailadmin_api:documents:detail wagtailadmin_api:images:detail
GET  llnnnn -      wagtailadmin_api:*:find
POST llnnnn =      wagtailadmin_api:pages:action

# Wagtail: bulk actions show what they will leave out; what they do is tested apart
GET  lloooo =      wagtail_bulk_action:page:*
GET  lloooo =      wagtail_bulk_action:document:* wagtail_bulk_action:image:*
GET  llxxxo =      wagtail_bulk_action:user:*

# Wagtail: documents, images and clips are shared by all who write pages
GET  lloxoo -      wagtaildocs:index wagtaildocs:index_results wagtaildocs:add
GET  lloxoo -      wagtaildocs:add_multiple
GET  llxxxo =      wagtaildocs:edit wagtaildocs:delete wagtaildocs:document_usage
POST llxxxo =      wagtaildocs:edit_multiple wagtaildocs:delete_multiple
POST llnnnn -      wagtaildocs:create_multiple_* wagtaildocs:delete_upload_multiple
GET  lloxoo -      wagtailimages:index wagtailimages:index_results wagtailimages:add
GET  lloxoo -      wagtailimages:add_multiple
GET  llxxxo =      wagtailimages:edit wagtailimages:delete wagtailimages:preview
GET  llxxxo =      wagtailimages:image_usage
GET  llnxnn =      wagtailimages:url_generator*
POST llxxxo =      wagtailimages:edit_multiple wagtailimages:delete_multiple
POST llnnnn -      wagtailimages:create_multiple_* wagtailimages:delete_upload_multiple
GET  lloxoo -      wagtailmedia:index wagtailmedia:add wagtailmedia:chooser_upload
GET  lloxoo =      wagtailmedia:edit wagtailmedia:media_chosen wagtailmedia:media_usage
GET  llgxgg =      wagtailmedia:delete /admin/media/delete/<int:media_id>/
GET  lloooo -      wagtailmedia:chooser wagtailmedia:chooser_typed

# Wagtail: reports on pages; the site's history names people
GET  lloxoo -      wagtailadmin_reports:workflow* wagtailadmin_reports:aging_pages*
GET  lloxoo -      wagtailadmin_reports:page_types_usage*
GET  llxxxo -      wagtailadmin_reports:locked_pages*
GET  llxxoo -      wagtailadmin_reports:site_history* /admin/reports/site-history/*

# Wagtail: the administrator's own
GET  llxxxo -      wagtailsites:* wagtailusers_groups:*
GET  llxxxo -      wagtailusers_users:index wagtailusers_users:index_results wagtailusers_users:add
GET  llxxxo =      wagtailusers_users:edit wagtailusers_users:delete wagtailusers_users:history
GET  llxxxo =      wagtailusers_users:history_results wagtailusers_users:usage
GET  llxxxo =      wagtailusers_users:copy
GET  llxxxx -      wagtailsnippets:index
GET  llxxxo -      wagtailadmin_collections:index wagtailadmin_collections:add
GET  llxxxo -      wagtailadmin_collections:set_privacy
GET  llxxxn -      wagtailadmin_collections:edit
GET  llnnnn -      wagtailadmin_collections:delete
GET  llxxxo -      wagtailadmin_workflows:index wagtailadmin_workflows:index_results
GET  llxxxo -      wagtailadmin_workflows:add wagtailadmin_workflows:disable
GET  llxxxo -      wagtailadmin_workflows:edit wagtailadmin_workflows:usage*
GET  llxxxo -      wagtailadmin_workflows:add_task wagtailadmin_workflows:edit_task
GET  llxxxo -      wagtailadmin_workflows:disable_task wagtailadmin_workflows:task_index*
GET  llxxxg -      wagtailadmin_workflows:select_task_type
POST llxxxg -      wagtailadmin_workflows:enable wagtailadmin_workflows:enable_task
POST llxxxg =      wagtailadmin_workflows:remove
GET  lloooo -      wagtailadmin_workflows:task_chooser wagtailadmin_workflows:task_chooser_results
GET  lloooo -      wagtailadmin_workflows:task_chosen
POST llbbbo -      wagtailadmin_workflows:task_chooser_create
"""

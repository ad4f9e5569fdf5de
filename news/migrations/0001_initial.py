
import django.core.validators
import django.db.models.deletion
import news.fields
import news.storage
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(max_length=120, unique=True, verbose_name='name')),
            ],
            options={
                'verbose_name': 'author',
                'verbose_name_plural': 'authors',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(blank=True, max_length=100, unique=True, verbose_name='slug')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(max_length=200, unique=True, verbose_name='name')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
            ],
            options={
                'verbose_name': 'signature unit',
                'verbose_name_plural': 'signature units',
                'ordering': ['position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(max_length=120, verbose_name='name')),
                ('slug', models.SlugField(blank=True, help_text='Left blank, it is made from the name and then stays.', max_length=120, unique=True, verbose_name='slug')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('is_visible', models.BooleanField(default=True, help_text='A hidden category has no page and is not offered in menus or search; its articles stay public.', verbose_name='shown to readers')),
                ('description', news.fields.CleanTextField(blank=True, max_length=500, verbose_name='description')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='news.category', verbose_name='parent category')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'ordering': ['position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', news.fields.CleanCharField(max_length=200, verbose_name='title')),
                ('file', models.FileField(max_length=200, storage=news.storage.private_storage, upload_to=news.storage.original_path, verbose_name='file')),
                ('width', models.PositiveIntegerField(default=0, editable=False, verbose_name='width')),
                ('height', models.PositiveIntegerField(default=0, editable=False, verbose_name='height')),
                ('file_hash', models.CharField(db_index=True, editable=False, max_length=64)),
                ('renditions', models.JSONField(default=dict, editable=False)),
                ('focal_x', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, % from the left')),
                ('focal_y', models.PositiveSmallIntegerField(default=50, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='focal point, % from the top')),
                ('default_alt', news.fields.CleanCharField(blank=True, help_text='What the picture shows, for people who cannot see it.', max_length=300, verbose_name='alternative text')),
                ('default_caption', news.fields.CleanCharField(blank=True, max_length=500, verbose_name='caption')),
                ('credit', news.fields.CleanCharField(blank=True, help_text='Example: Ảnh: Minh Hà', max_length=120, verbose_name='credit')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded at')),
                ('uploaded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', news.fields.CleanCharField(max_length=300, verbose_name='title')),
                ('slug', models.CharField(blank=True, help_text='Left blank, it is made from the title and then stays.', max_length=120, verbose_name='slug')),
                ('sapo', news.fields.CleanTextField(blank=True, help_text='Two or three sentences, shown in lists and above the body.', max_length=2000, verbose_name='lead (sapo)')),
                ('show_cover', models.BooleanField(default=False, verbose_name='show the cover above the body')),
                ('cover_caption', news.fields.CleanCharField(blank=True, max_length=500, verbose_name='caption of the cover')),
                ('cover_alt', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='alternative text of the cover')),
                ('cover_alt_kind', models.CharField(choices=[('text', 'a text'), ('decorative', 'decorative, nothing is read'), ('caption', 'the caption says it')], default='text', max_length=10, verbose_name='alternative of the cover')),
                ('author_text', news.fields.CleanCharField(blank=True, help_text='Used when the author is not in the list.', max_length=200, verbose_name='author (free text)')),
                ('source_name', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='source')),
                ('source_url', models.URLField(blank=True, max_length=500, verbose_name='link of the source')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('in_review', 'in review'), ('returned', 'returned'), ('approved', 'approved'), ('published', 'published'), ('withdrawn', 'withdrawn'), ('trashed', 'in the bin')], default='draft', max_length=10, verbose_name='state')),
                ('published_at', models.DateTimeField(blank=True, help_text='In the future: the article appears at that time by itself.', null=True, verbose_name='published at')),
                ('expires_at', models.DateTimeField(blank=True, help_text='From this time on readers no longer see it; nothing is deleted.', null=True, verbose_name='ends at')),
                ('revised_at', models.DateTimeField(blank=True, null=True, verbose_name='updated for readers at')),
                ('import_key', models.CharField(blank=True, editable=False, max_length=120, null=True, unique=True, verbose_name='import key')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='news.category', verbose_name='main category')),
                ('further_categories', models.ManyToManyField(blank=True, related_name='further_articles', to='news.category', verbose_name='further categories')),
                ('cover', models.ForeignKey(blank=True, help_text='Shown in lists and when the article is shared.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cover_of', to='news.image', verbose_name='cover picture')),
                ('tags', models.ManyToManyField(blank=True, related_name='articles', to='news.tag', verbose_name='tags')),
                ('signature_unit', models.ForeignKey(blank=True, help_text='The unit that signs at the end of the article.', null=True, on_delete=django.db.models.deletion.PROTECT, to='news.unit', verbose_name='signature unit')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='news.author', verbose_name='author')),
                ('body', models.TextField(blank=True, verbose_name='body')),
                ('body_html', models.TextField(blank=True, editable=False)),
                ('body_text', models.TextField(blank=True, editable=False)),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['-published_at', '-pk'],
                'permissions': [('publish_article', 'Can publish articles'), ('withdraw_article', 'Can withdraw articles'), ('change_others_article', 'Can change articles of others')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', news.fields.CleanCharField(max_length=200, verbose_name='title')),
                ('file', models.FileField(max_length=200, storage=news.storage.private_storage, upload_to=news.storage.attachment_path, verbose_name='file')),
                ('file_name', news.fields.CleanCharField(editable=False, max_length=200, verbose_name='file name')),
                ('content_type', models.CharField(editable=False, max_length=100)),
                ('size_bytes', models.PositiveBigIntegerField(default=0, editable=False, verbose_name='size')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='news.article')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caption', news.fields.CleanCharField(blank=True, max_length=500, verbose_name='caption')),
                ('alt', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='alternative text')),
                ('alt_kind', models.CharField(choices=[('text', 'a text'), ('decorative', 'decorative, nothing is read'), ('caption', 'the caption says it')], default='text', max_length=10, verbose_name='alternative')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placements', to='news.article')),
                ('image', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='news.image')),
            ],
            options={
                'verbose_name': 'placement of a picture',
                'verbose_name_plural': 'placements of pictures',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ListEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('list', models.CharField(choices=[('hot', 'Hot news'), ('focus', 'In focus')], max_length=5, verbose_name='list')),
                ('position', models.PositiveIntegerField(default=0, help_text='Small numbers come first.', verbose_name='position')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, help_text='At this time the entry leaves the list by itself.', null=True, verbose_name='until')),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_entries', to='news.article', verbose_name='article')),
            ],
            options={
                'verbose_name': 'hot or focus entry',
                'verbose_name_plural': 'hot and focus entries',
                'ordering': ['list', 'position', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('list', 'article'), name='an_article_is_once_in_a_list', violation_error_message='The article is in this list already.'), models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='an_entry_ends_after_it_begins', violation_error_message='The end must be after the start.')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('draft', 'draft'), ('in_review', 'in review'), ('returned', 'returned'), ('approved', 'approved'), ('published', 'published'), ('withdrawn', 'withdrawn'), ('trashed', 'in the bin')], max_length=10)),
                ('content', models.JSONField()),
                ('note', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='news.article')),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'revision',
                'verbose_name_plural': 'revisions',
                'ordering': ['article', '-number'],
                'constraints': [models.UniqueConstraint(fields=('article', 'number'), name='revision_numbers_are_unique', violation_error_message='This revision exists already.')],
            },
        ),
        migrations.CreateModel(
            name='Autosave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.UUIDField()),
                ('title', news.fields.CleanCharField(blank=True, max_length=300)),
                ('content', models.JSONField()),
                ('base_version', models.PositiveIntegerField(default=0)),
                ('saved_at', models.DateTimeField()),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='news.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'kept copy of what is being written',
                'verbose_name_plural': 'kept copies of what is being written',
                'ordering': ['-saved_at'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('user', 'token'), name='a_form_is_kept_once_for_its_writer', violation_error_message='This form is kept already.')],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
                ('typed_at', models.DateTimeField(null=True)),
                ('article', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='news.article')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'open form of an article',
                'verbose_name_plural': 'open forms of articles',
                'ordering': ['-seen_at'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('article', 'user'), name='somebody_is_once_at_an_article', violation_error_message='This person is there already.')],
            },
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['state', '-published_at', '-id', 'expires_at', 'category'], name='article_newest'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['category', 'state', '-published_at', '-id', 'expires_at'], name='article_newest_in_category'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(fields=['expires_at'], name='article_ends'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='a_published_article_has_a_date', violation_error_message='A published article needs a time of publication.'),
        ),
        migrations.AddConstraint(
            model_name='article',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at', None), ('published_at', None), ('expires_at__gt', models.F('published_at')), _connector='OR'), name='an_article_ends_after_it_begins', violation_error_message='The end must be later than the publication.'),
        ),
    ]

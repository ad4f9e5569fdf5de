
import django.db.models.deletion
import news.fields
import portal.links
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('news', '0001_initial'),
        ('portal', '0001_user'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContentState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.BigIntegerField(default=1)),
                ('ever_used', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': 'content state',
                'verbose_name_plural': 'content state',
            },
        ),
        migrations.CreateModel(
            name='DemoRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('model', models.CharField(max_length=60)),
                ('object_id', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'demo record',
                'verbose_name_plural': 'demo records',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Page',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', news.fields.CleanCharField(max_length=200, verbose_name='title')),
                ('slug', models.SlugField(blank=True, max_length=120, unique=True, verbose_name='slug')),
                ('body', models.TextField(blank=True, help_text='Cleaned when saved, like an article.', verbose_name='body')),
                ('body_text', models.TextField(blank=True, editable=False)),
                ('is_published', models.BooleanField(default=True, verbose_name='shown to readers')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
            ],
            options={
                'verbose_name': 'standing page',
                'verbose_name_plural': 'standing pages',
                'ordering': ['position', 'title'],
            },
        ),
        migrations.CreateModel(
            name='LinkedSite',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(max_length=200, verbose_name='name')),
                ('url', models.URLField(max_length=300, verbose_name='address')),
                ('opens_new_tab', models.BooleanField(default=False, verbose_name='opens in a new tab')),
                ('is_visible', models.BooleanField(default=True, verbose_name='shown to readers')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('logo', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='logo')),
            ],
            options={
                'verbose_name': 'linked site',
                'verbose_name_plural': 'linked sites',
                'ordering': ['position', 'name'],
            },
        ),
        migrations.CreateModel(
            name='WorkEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('starts_at', models.TimeField(blank=True, null=True, verbose_name='from')),
                ('ends_at', models.TimeField(blank=True, null=True, verbose_name='until')),
                ('content', news.fields.CleanTextField(max_length=1000, verbose_name='content')),
                ('leader', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='leader')),
                ('participants', news.fields.CleanTextField(blank=True, max_length=500, verbose_name='participants')),
                ('place', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='place')),
                ('chairing_unit', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='chairing unit')),
                ('note', news.fields.CleanTextField(blank=True, max_length=500, verbose_name='note')),
                ('is_changed', models.BooleanField(default=False, verbose_name='changed')),
                ('is_cancelled', models.BooleanField(default=False, verbose_name='cancelled')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
            ],
            options={
                'verbose_name': 'work calendar entry',
                'verbose_name_plural': 'work calendar',
                'ordering': ['day', models.OrderBy(models.F('starts_at'), nulls_first=True), 'pk'],
                'indexes': [models.Index(fields=['day'], name='work_event_day')],
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at', None), ('ends_at', None), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='a_work_event_ends_after_it_begins', violation_error_message='The end must be after the start.')],
            },
        ),
        migrations.CreateModel(
            name='MenuItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', news.fields.CleanCharField(blank=True, help_text="Blank: the target's name.", max_length=80, verbose_name='label')),
                ('link', models.CharField(blank=True, help_text='An address of this site (/lich-cong-tac/) or a full one.', max_length=300, validators=[portal.links.validate_link], verbose_name='link')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='position')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='news.category', verbose_name='category')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='portal.menuitem', verbose_name='under')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.page', verbose_name='standing page')),
            ],
            options={
                'verbose_name': 'menu item',
                'verbose_name_plural': 'menu',
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('category__isnull', False), ('link', ''), ('page', None)), models.Q(('category', None), ('link', ''), ('page__isnull', False)), models.Q(('category', None), ('page', None), models.Q(('link', ''), _negated=True)), _connector='OR'), name='a_menu_item_has_one_target', violation_error_message='Choose exactly one target: a category, a standing page or a link.')],
            },
        ),
        migrations.CreateModel(
            name='SiteSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='name of the agency')),
                ('parent_name', news.fields.CleanCharField(blank=True, help_text="Printed above the name, for example the People's Committee.", max_length=200, verbose_name='superior agency')),
                ('slogan', news.fields.CleanCharField(blank=True, max_length=200, verbose_name='motto')),
                ('address', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='address')),
                ('phone', news.fields.CleanCharField(blank=True, max_length=60, verbose_name='phone')),
                ('fax', news.fields.CleanCharField(blank=True, max_length=60, verbose_name='fax')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('responsible_person', news.fields.CleanCharField(blank=True, help_text='Name and office, as the footer must print it.', max_length=200, verbose_name='responsible person')),
                ('licence', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='licence line')),
                ('copyright_note', news.fields.CleanCharField(blank=True, max_length=300, verbose_name='note on reuse')),
                ('description', news.fields.CleanTextField(blank=True, max_length=300, verbose_name='description for search engines')),
                ('trusted_domains', news.fields.CleanTextField(blank=True, help_text='One domain a line, for example baochinhphu.vn; each stands for all below it. Links of articles to other domains are shown to the editors. gov.vn, this site and the linked sites are always trusted.', max_length=5000, validators=[portal.links.validate_domains], verbose_name='trusted domains')),
                ('banner', models.ForeignKey(blank=True, help_text='A wide picture behind the name at the top of every page.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='banner')),
                ('emblem', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='news.image', verbose_name='emblem')),
            ],
            options={
                'verbose_name': 'site settings',
                'verbose_name_plural': 'site settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='there_is_one_row_of_site_settings', violation_error_message='There are site settings already.')],
            },
        ),
    ]
